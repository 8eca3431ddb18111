using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Events;

namespace Millrace.Alerting;

/// <summary>
/// Sends the waiting changes of a channel. The id of a notice and the end of the attempt are stored before it is sent,
/// so that each attempt has the same id, and no other node makes one at the same time. The notice is removed from the
/// queue after the channel has accepted it.
/// </summary>
internal sealed partial class NoticeSender(AlertStore store, AlertSetup setup, ILogger logger)
{
    private const int MaxAttempts = 10;

    // The ids of notices that were accepted, until this is recorded, by channel.
    private readonly ConcurrentDictionary<string, string> _accepted = new(StringComparer.Ordinal);

    /// <summary>Returns whether a notice of a channel must be sent, or must be recorded as sent.</summary>
    public bool IsDue(string channel, ChannelQueue queue, DateTimeOffset now) =>
        IsAccepted(channel, queue) || queue.IsDue(now, setup.Options);

    /// <summary>Sends the waiting changes of a channel, if any are due.</summary>
    public async Task Send(string channel, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (queue, version) = await store.FindQueue(channel, cancellationToken).ConfigureAwait(false);
        if (!IsDue(channel, queue, now))
            return;
        string? error = null;
        if (!IsAccepted(channel, queue))
        {
            queue = queue.Attempt(Guid.CreateVersion7(now).ToString("N"), now, setup.Options.MaxAttempt);
            if (!await TrySave(channel, queue, version, null, cancellationToken).ConfigureAwait(false))
                return; // New changes arrived, or another node sends. The next evaluation decides again.
            error = await TrySend(channel, queue.ToNotice(), cancellationToken).ConfigureAwait(false);
            if (error is null)
                _accepted[channel] = queue.NoticeId!; // An attempt has an id.
        }
        // Not cancelled when the node stops: the notice would be sent again.
        using var limit = new CancellationTokenSource(AlertOptions.RecordTimeout);
        await Record(channel, queue.ToNotice(), error, now, limit.Token).ConfigureAwait(false);
    }

    private bool IsAccepted(string channel, ChannelQueue queue) =>
        queue.NoticeId is { } id && _accepted.TryGetValue(channel, out var accepted) && accepted == id;

    /// <summary>Returns the error; null if the channel accepted the notice.</summary>
    private async Task<string?> TrySend(string name, AlertNotice notice, CancellationToken cancellationToken)
    {
        if (!setup.Channels.TryGetValue(name, out var channel))
        {
            Log.NoChannel(logger, name, notice.Items.Count);
            return "This node has no such channel.";
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(setup.Options.SendTimeout);
        try
        {
            await channel.Send(notice, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw; // It is unknown whether the notice was sent. It is sent again with the same id.
        }
        catch (OperationCanceledException exception)
        {
            Log.NotSent(logger, name, notice.Items.Count, exception);
            return $"The channel has not accepted the notice within {setup.Options.SendTimeout.TotalSeconds} s.";
        }
#pragma warning disable CA1031 // A channel is code of the application. The notice is sent again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotSent(logger, name, notice.Items.Count, exception);
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }

    private async Task Record(
        string channel, AlertNotice notice, string? error, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (queue, version) = await store.FindQueue(channel, cancellationToken).ConfigureAwait(false);
            var after = error is null
                ? queue.Completed(now, setup.Options.GroupInterval)
                : queue.Failed(error, now + DelayAfter(queue.Failures));
            var sent = error is null ? SentEvent(channel, notice) : null;
            if (queue.NoticeId == notice.Id // Otherwise another node has sent the notice as well.
                && !await TrySave(channel, after, version, sent, cancellationToken).ConfigureAwait(false))
                continue;
            _accepted.TryRemove(channel, out _);
            return;
        }
    }

    private TimeSpan DelayAfter(int failures)
    {
        var delay = setup.Options.Interval * Math.Pow(2, Math.Min(failures, 20));
        return delay < setup.Options.MaxRetryDelay ? delay : setup.Options.MaxRetryDelay;
    }

    private static NewEvent SentEvent(string channel, AlertNotice notice) => AlertLog.EventOf(
        AlertEvents.Notified,
        new AlertNote
        {
            Channel = channel,
            Notice = notice.Id,
            Alerts = [.. notice.Items.Select(static item => item.Alert).Distinct(StringComparer.Ordinal)],
        });

    private async ValueTask<bool> TrySave(
        string channel, ChannelQueue queue, long version, NewEvent? sent, CancellationToken cancellationToken)
    {
        var request = new AppendRequest();
        if (sent is not null)
            request.ToReserved(AlertEvents.Stream, ExpectedVersion.Any, sent);
        request.With(AlertStore.Change(channel, queue, version));
        return await store.TryCommit(request, cancellationToken).ConfigureAwait(false) is null;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24003,
            Level = LogLevel.Error,
            Message = "The channel {Channel} has not accepted a notice about {Count} changes of alerts. It is sent "
                + "again after a pause.")]
        public static partial void NotSent(ILogger logger, string channel, int count, Exception exception);

        [LoggerMessage(
            EventId = 24004,
            Level = LogLevel.Error,
            Message = "{Count} changes of alerts wait for the channel {Channel}, which this node does not have. Add "
                + "it, or change the rules.")]
        public static partial void NoChannel(ILogger logger, string channel, int count);
    }
}
