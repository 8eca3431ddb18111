/** The title of the console, as the application configured it. */
export const productTitle = document.title;
