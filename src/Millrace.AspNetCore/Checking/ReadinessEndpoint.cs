using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Checking;

/// <summary>The HTTP endpoint of the readiness check, as JSON or as a page.</summary>
internal static class ReadinessEndpoint
{
    public static void Map(OperatorRoutes routes) => routes.MapRead(
        "/readiness",
        Show,
        new("Checks whether the application is ready for production. It reads from the store.")
        {
            Answer = typeof(ReadinessView),
            Query = [new("format", typeof(string), "html for a page; JSON by default.")],
        });

    private static async Task Show(HttpContext http)
    {
        var isPage = OperatorRequest.Query(http, "format") switch
        {
            null or "json" => false,
            "html" => true,
            _ => throw OperatorRequest.Bad("format", "It must be 'json' or 'html'."),
        };
        var report = await http.RequestServices.GetRequiredService<Readiness>()
            .Check(http.RequestAborted)
            .ConfigureAwait(false);
        if (!isPage)
        {
            await OperatorResponse.Write(http, ReadinessView.Of(report), OperatorJson.Default.ReadinessView)
                .ConfigureAwait(false);
            return;
        }
        await OperatorResponse.WritePage(http, ReadinessPage.Write(report)).ConfigureAwait(false);
    }
}
