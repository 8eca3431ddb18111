using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Events;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Seals the log. An event means that a seal is due, at most once in each interval. The lease of the consumer makes one
/// node seal, and the stored state refuses a second one. The checkpoint of the consumer is not used.
/// </summary>
internal sealed partial class SealProcessor(
    EventStore store, SealSigner signer, SealOptions options, ILogger logger) : ConsumerProcessor
{
    /// <summary>The name of the consumer.</summary>
    public const string ConsumerName = "seals";

    private SealWriter? _writer;
    private DateTimeOffset? _due;
    private volatile bool _isDue; // Also while a due seal is made.
    private DateTimeOffset _notBefore;

    public override string Name => ConsumerName;

    public override EventFilter Filter => EventFilter.All;

    /// <summary>True, because the stored state and not the checkpoint determines what is sealed.</summary>
    public override bool BeginsAtEnd => true;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override DateTimeOffset? NextDue => _due;

    /// <summary>True until the handled events are sealed.</summary>
    public override bool MustStayOpen => _isDue;

    public override async ValueTask Prepare(CancellationToken cancellationToken) =>
        await store.Storage.Documents.EnsureCollection(SealStore.Collection, cancellationToken).ConfigureAwait(false);

    public override async ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        _writer = await SealWriter.Open(store, signer, options.MinEvents, cancellationToken).ConfigureAwait(false);
        _due = store.Time.GetUtcNow();
        _isDue = true;
    }

    public override async ValueTask<bool> StartDue(Action wake, CancellationToken cancellationToken)
    {
        _due = null;
        var writer = _writer!; // Set by Start, which is always called first.
        var seal = await writer.SealNext(cancellationToken).ConfigureAwait(false);
        var now = store.Time.GetUtcNow();
        _notBefore = now + options.Interval;
        _isDue = false;
        if (seal is null)
            return false;
        Log.Sealed(logger, seal.Number, seal.Size);
        var hasMore = store.Tail.Head.Position >= seal.Size + SealWriter.MaxEvents;
        if (hasMore)
            _due = now; // The log is far ahead, such as at the first start.
        else if (store.Tail.Head.Position > seal.Size + 1)
            _due = _notBefore; // Events were appended between the seal and its commit.
        _isDue = _due is not null;
        return hasMore;
    }

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        // After the clock was set back, the stored times are too far in the future.
        var isDueKnown = _due is { } due && due <= now + options.Interval;
        for (var i = 0; !isDueKnown && i < events.Count; i++)
        {
            if (events[i].Type == PlatformEvents.SealMade)
                continue;
            _due = now > _notBefore || now + options.Interval < _notBefore ? now : _notBefore;
            _isDue = true;
            isDueKnown = true;
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [recorded.Stream.Value];

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 14001, Level = LogLevel.Debug,
            Message = "Seal {Number} covers the log up to position {Position}.")]
        public static partial void Sealed(ILogger logger, long number, long position);
    }
}
