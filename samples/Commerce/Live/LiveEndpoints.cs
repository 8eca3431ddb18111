using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Commerce.Live;

/// <summary>The endpoints of the live page.</summary>
public static class LiveEndpoints
{
    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMilliseconds(700);

    public static void MapLive(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/live", Live).ExcludeFromDescription();

    private static ServerSentEventsResult<object> Live(
        LiveFeed feed,
        Dashboard dashboard,
        TimeProvider time,
        IHostApplicationLifetime host,
        CancellationToken cancellationToken
    ) => TypedResults.ServerSentEvents(Follow(feed, dashboard, time, host.ApplicationStopping, cancellationToken));

    /// <summary>Sends the current state, then all changes, until the client disconnects or the program stops.</summary>
    private static async IAsyncEnumerable<SseItem<object>> Follow(
        LiveFeed feed,
        Dashboard dashboard,
        TimeProvider time,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var position = 0L;
        while (!ending.IsCancellationRequested)
        {
            yield return new SseItem<object>(await dashboard.GetView(cancellationToken), "dashboard");
            if (feed.After(position) is { Count: > 0 } items)
            {
                position = items[^1].Position;
                yield return new SseItem<object>(items, "feed");
            }

            await Task.Delay(UpdateInterval, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
