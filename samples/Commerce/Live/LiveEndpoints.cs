using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Commerce.Live;

/// <summary>The endpoints of the live page.</summary>
public static class LiveEndpoints
{
    /// <summary>The permission to see the names of customers.</summary>
    private static readonly AccessPermission Names = AccessPermission.View("customers");

    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMilliseconds(700);

    public static void MapLive(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/live", Live).ExcludeFromDescription();

    private static ServerSentEventsResult<object> Live(
        LiveFeed feed,
        Dashboard dashboard,
        AccessControl access,
        ClaimsPrincipal user,
        TimeProvider time,
        IHostApplicationLifetime host,
        CancellationToken cancellationToken
    ) => TypedResults.ServerSentEvents(Follow(
        feed, dashboard, () => access.Allows(user, Names), time, host.ApplicationStopping, cancellationToken));

    /// <summary>Sends the current state, then all changes, until the client disconnects or the program stops.</summary>
    private static async IAsyncEnumerable<SseItem<object>> Follow(
        LiveFeed feed,
        Dashboard dashboard,
        Func<ValueTask<bool>> mayViewNames,
        TimeProvider time,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var position = 0L;
        while (!ending.IsCancellationRequested)
        {
            var hasNames = await mayViewNames(); // Asked again each time, so that a revoked right ends at once.
            var view = await dashboard.GetView(cancellationToken);
            yield return new SseItem<object>(hasNames ? view : view.WithoutNames(), "dashboard");
            if (feed.After(position) is { Count: > 0 } items)
            {
                position = items[^1].Position;
                yield return new SseItem<object>(
                    hasNames ? items : items.Select(item => item.WithoutName()).ToList(), "feed");
            }

            await Task.Delay(UpdateInterval, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
