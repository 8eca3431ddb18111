using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore;

/// <summary>Says whether this node can do its work, and what of it.</summary>
internal static class HealthEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task Handle(HttpContext http)
    {
        var problem = await FindProblem(http).ConfigureAwait(false);
        http.Response.StatusCode = problem is null ? 200 : 503;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteStartObject();
            writer.WriteString("status", problem is null ? "healthy" : "unhealthy");
            if (problem is not null)
                writer.WriteString("problem", problem);
            writer.WriteEndObject();
        }
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>What keeps the store from being read, within a bound; null when nothing does.</summary>
    private static async Task<string?> FindProblem(HttpContext http)
    {
        try
        {
            var services = http.RequestServices;
            var time = services.GetRequiredService<TimeProvider>();
            await services.GetRequiredService<EventStore>().GetToken(http.RequestAborted).AsTask()
                .WaitAsync(Patience, time, http.RequestAborted).ConfigureAwait(false);
            return null;
        }
        catch (TimeoutException)
        {
            return $"The store did not answer within {Patience.TotalSeconds:0} seconds.";
        }
        catch (Exception exception) when (exception is MillraceException or InvalidOperationException)
        {
            return "The store cannot be read."; // Anyone may ask: the reason is in the log.
        }
    }
}
