namespace Commerce.Operating;

/// <summary>
/// Sets the security headers of every response: scripts and styles come only from this server, and other pages cannot
/// frame the page.
/// </summary>
public static class PageHeaders
{
    private const string Sources =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri "
            + "'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    public static void UsePageHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Sources;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    });
}
