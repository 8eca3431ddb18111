using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Live;

/// <summary>
/// The HTTP endpoint that pushes changes as server-sent events: the end of the log, the states of consumers, the number
/// of open dead letters, and alerts. Each event has only what changed since the last one.
/// </summary>
internal sealed class LiveEndpoint(TimeProvider time)
{
    private const int MaxConnections = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private int _connections;

    public static void Map(OperatorRoutes routes)
    {
        var endpoint = new LiveEndpoint(routes.Services.GetService<TimeProvider>() ?? TimeProvider.System);
        routes.MapRead(
            "/live",
            endpoint.Push,
            new("Pushes changes as server-sent events 'change', at most one each second; only what the caller may see.")
            {
                Answer = typeof(LiveView),
            });
    }

    private async Task Push(HttpContext http)
    {
        if (Interlocked.Increment(ref _connections) > MaxConnections)
        {
            Interlocked.Decrement(ref _connections);
            var busy = new HttpProblem(503, "busy", $"{MaxConnections} clients of this node receive changes already.")
            {
                RetryAfterSeconds = 30,
            };
            await ProblemWriter.Write(http, busy).ConfigureAwait(false);
            return;
        }
        try
        {
            await PushUntilClosed(http).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task PushUntilClosed(HttpContext http)
    {
        var stopping = http.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var reader = new LiveReader(http);
        // A failure of the first read is still a problem response.
        var next = await reader.ReadChange(ending.Token).ConfigureAwait(false);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var lastWrite = time.GetTimestamp();
        try
        {
            while (!ending.IsCancellationRequested)
            {
                if (next is not null || time.GetElapsedTime(lastWrite) > KeepAlive)
                {
                    await Write(http, next, ending.Token).ConfigureAwait(false);
                    lastWrite = time.GetTimestamp();
                }
                await Task.Delay(Interval, time, ending.Token).ConfigureAwait(false);
                if (!await reader.MayContinue(ending.Token).ConfigureAwait(false))
                    return;
                next = await reader.ReadChange(ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client has left, or the program stops.
        }
        catch (MillraceException)
        {
            // The store does not answer. The response ends, and the client connects again.
        }
    }

    private static async Task Write(HttpContext http, LiveView? change, CancellationToken cancellationToken)
    {
        if (change is null)
        {
            await http.Response.WriteAsync(":\n\n", cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var json = JsonSerializer.Serialize(change, OperatorJson.Default.LiveView);
            await http.Response
                .WriteAsync($"event: change\ndata: {json}\n\n", cancellationToken)
                .ConfigureAwait(false);
        }
        await http.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
