using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Events;

namespace Millrace.AspNetCore.Live;

/// <summary>Reads what changed since the last call, as far as the user of a request may see it.</summary>
internal sealed class LiveReader(HttpContext http)
{
    private readonly Dictionary<(string, string?), LiveConsumerView> _consumers = [];
    private long _position = -1;
    private long? _deadLetters;
    private IReadOnlyList<LiveAlertView>? _alerts;

    /// <summary>Returns whether the user still has the permission for the endpoint.</summary>
    public ValueTask<bool> MayContinue(CancellationToken cancellationToken) =>
        MaySee(OperatorActions.Overview, cancellationToken);

    /// <summary>Returns the changes; null if nothing changed.</summary>
    public async Task<LiveView?> ReadChange(CancellationToken cancellationToken)
    {
        var services = http.RequestServices;
        var position = await LogEnd
            .Read(services.GetRequiredService<EventStore>(), cancellationToken)
            .ConfigureAwait(false);
        var mayConsumers = await MaySee(OperatorActions.Consumers, cancellationToken).ConfigureAwait(false);
        var mayDeadLetters = await MaySee(OperatorActions.DeadLetters, cancellationToken).ConfigureAwait(false);
        var statuses = mayConsumers || mayDeadLetters
            ? await services.GetRequiredService<Millrace.Consumers>().List(cancellationToken).ConfigureAwait(false)
            : [];
        long? letters = mayDeadLetters ? statuses.Sum(static status => status.OpenDeadLetters) : null;
        var alerts = await ReadAlerts(cancellationToken).ConfigureAwait(false);
        var change = new LiveView(
            position,
            mayConsumers ? Changed(statuses) : [],
            letters,
            alerts is null || (_alerts is { } last && alerts.SequenceEqual(last)) ? null : alerts);
        var isChanged = change.Position != _position || change.Consumers.Count > 0 || letters != _deadLetters
            || change.Alerts is not null;
        (_position, _deadLetters, _alerts) = (change.Position, letters, alerts);
        return isChanged ? change : null;
    }

    private List<LiveConsumerView> Changed(IReadOnlyList<ConsumerStatus> statuses)
    {
        var changed = new List<LiveConsumerView>();
        foreach (var status in statuses)
        {
            var view = LiveConsumerView.Of(status);
            var key = (view.Name, view.Shard);
            if (_consumers.TryGetValue(key, out var last) && last == view)
                continue;
            _consumers[key] = view;
            changed.Add(view);
        }
        return changed;
    }

    private async Task<IReadOnlyList<LiveAlertView>?> ReadAlerts(CancellationToken cancellationToken)
    {
        if (http.RequestServices.GetService<Alerts>() is not { } alerts
            || !await MaySee(OperatorActions.Alerts, cancellationToken).ConfigureAwait(false))
            return null;
        var rules = await alerts.ListRules(cancellationToken).ConfigureAwait(false);
        return [.. rules.SelectMany(static rule => rule.Alerts).Where(LiveAlertView.IsOpen).Select(LiveAlertView.Of)];
    }

    private ValueTask<bool> MaySee(string action, CancellationToken cancellationToken) =>
        EndpointAccess.Allows(http, AccessPermission.Operate(action), cancellationToken);
}
