// The tab that was opened only to log in has done its work; where the browser lets it, it goes.

window.close();
