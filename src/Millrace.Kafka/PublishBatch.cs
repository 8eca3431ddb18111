using Confluent.Kafka;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>Messages of one call, and what is known of each.</summary>
/// <param name="first">The number of the first of them; the others follow.</param>
/// <param name="count">How many they are.</param>
internal sealed class PublishBatch(uint first, int count)
{
    private readonly TaskCompletionSource<IReadOnlyList<PublishOutcome>> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly PublishOutcome[] _outcomes = new PublishOutcome[count];
    private readonly bool[] _isSettled = new bool[count];
    private int _settled;

    public Task<IReadOnlyList<PublishOutcome>> Done => _done.Task;

    /// <summary>Whether a topic was denied.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>The number of a message, by which the client tells what became of it.</summary>
    public uint NumberOf(int index) => unchecked(first + (uint)index);

    /// <summary>Whether a number is that of one of its messages. Numbers begin anew after the last that there
    /// is.</summary>
    public bool Has(uint number) => PlaceOf(number) < (uint)_outcomes.Length;

    public void Settle(uint number, Error error)
    {
        if (error.Code == ErrorCode.TopicAuthorizationFailed)
            IsDenied = true;
        Settle(number, KafkaFailure.OutcomeOf(error));
    }

    public void Settle(uint number, PublishOutcome outcome)
    {
        var place = PlaceOf(number);
        lock (_lock)
        {
            if (_isSettled[place])
                return;
            (_isSettled[place], _outcomes[place]) = (true, outcome);
            _settled++;
            FinishIfDone();
        }
    }

    /// <summary>What is not known will not be known.</summary>
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

    private uint PlaceOf(uint number) => unchecked(number - first);

    private void FinishIfDone()
    {
        if (_settled == _outcomes.Length)
            _done.TrySetResult(_outcomes);
    }
}
