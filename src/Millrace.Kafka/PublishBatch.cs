using Confluent.Kafka;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>The messages of one call, and their outcomes so far.</summary>
/// <param name="first">The number of the first message; the others follow.</param>
/// <param name="count">The number of messages.</param>
internal sealed class PublishBatch(uint first, int count)
{
    private readonly TaskCompletionSource<IReadOnlyList<PublishOutcome>> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly PublishOutcome[] _outcomes = new PublishOutcome[count];
    private readonly bool[] _isSettled = new bool[count];
    private int _settled;

    public Task<IReadOnlyList<PublishOutcome>> Done => _done.Task;

    /// <summary>Gets whether access to a topic was denied.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>Returns the number of a message in delivery reports.</summary>
    public uint NumberOf(int index) => unchecked(first + (uint)index);

    /// <summary>Returns true if a message of this batch has a number. Numbers restart after the maximum.</summary>
    public bool Has(uint number) => OffsetOf(number) < (uint)_outcomes.Length;

    public void Settle(uint number, Error error)
    {
        if (error.Code == ErrorCode.TopicAuthorizationFailed)
            IsDenied = true;
        Settle(number, KafkaFailure.OutcomeOf(error));
    }

    public void Settle(uint number, PublishOutcome outcome)
    {
        var offset = OffsetOf(number);
        lock (_lock)
        {
            if (_isSettled[offset])
                return;
            _isSettled[offset] = true;
            _outcomes[offset] = outcome;
            _settled++;
            FinishIfDone();
        }
    }

    /// <summary>Sets the outcome of all unsettled messages to unconfirmed.</summary>
    public void Break(string problem)
    {
        lock (_lock)
        {
            for (var i = 0; i < _outcomes.Length; i++)
            {
                if (!_isSettled[i])
                    (_isSettled[i], _outcomes[i]) = (true, PublishOutcome.Unconfirmed(problem));
            }
            _settled = _outcomes.Length;
            FinishIfDone();
        }
    }

    private uint OffsetOf(uint number) => unchecked(number - first);

    private void FinishIfDone()
    {
        if (_settled == _outcomes.Length)
            _done.TrySetResult(_outcomes);
    }
}
