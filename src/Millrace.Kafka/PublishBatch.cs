using Confluent.Kafka;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>Messages of one call, and what is known of each.</summary>
internal sealed class PublishBatch(int count)
{
    private readonly TaskCompletionSource<IReadOnlyList<PublishOutcome>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly PublishOutcome[] _outcomes = new PublishOutcome[count];
    private readonly bool[] _isSettled = new bool[count];
    private int _settled;

    public Task<IReadOnlyList<PublishOutcome>> Done => _done.Task;

    /// <summary>Whether a topic was denied.</summary>
    public bool IsDenied { get; private set; }

    /// <summary>What the client calls when the fate of a message is known.</summary>
    public Action<DeliveryReport<byte[], byte[]>> Settles(int index) => report => Settle(index, report.Error);

    public void Settle(int index, Error error)
    {
        if (error.Code == ErrorCode.TopicAuthorizationFailed)
            IsDenied = true;
        Settle(index, error.IsError ? KafkaFailure.OutcomeOf(error) : PublishOutcome.Confirmed);
    }

    public void Settle(int index, PublishOutcome outcome)
    {
        lock (_lock)
        {
            if (_isSettled[index])
                return;
            (_isSettled[index], _outcomes[index]) = (true, outcome);
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

    private void FinishIfDone()
    {
        if (_settled == _outcomes.Length)
            _done.TrySetResult(_outcomes);
    }
}
