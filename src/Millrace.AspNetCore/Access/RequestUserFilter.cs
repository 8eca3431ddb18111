using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Auditing;

namespace Millrace.AspNetCore.Access;

/// <summary>Assigns each request to its service scope, before all other middleware.</summary>
internal sealed class RequestUserFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        PolicyAudit.RequireRegistration(app.ApplicationServices);
        app.Use(static (HttpContext http, RequestDelegate then) =>
        {
            http.RequestServices.GetRequiredService<RequestUser>().Request = http;
            return then(http);
        });
        next(app);
    };
}
