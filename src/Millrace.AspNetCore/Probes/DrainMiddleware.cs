using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore.Probes;

/// <summary>
/// Closes the connection of each HTTP/1 request that arrives while the node is draining. Otherwise a client could send
/// its next request on this connection when the web server closes it.
/// </summary>
/// <remarks>The web server itself announces to HTTP/2 and HTTP/3 clients that it stops.</remarks>
internal sealed class DrainMiddleware(NodeDrain drain) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(handle => http =>
        {
            if (drain.IsDraining
                && (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol)))
                http.Response.Headers.Connection = "close";
            return handle(http);
        });
        next(app);
    };
}
