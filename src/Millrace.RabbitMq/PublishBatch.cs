using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>
/// The messages of one call, and their outcomes so far. Its methods are called under the lock of the channel.
/// </summary>
internal sealed class PublishBatch(IReadOnlyList<OutgoingMessage> messages)
{
    private readonly TaskCompletionSource<IReadOnlyList<PublishOutcome>> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PublishOutcome[] _outcomes = new PublishOutcome[messages.Count];
    private readonly bool[] _isSettled = new bool[messages.Count];
    // The index of each message, by its number relative to the first number.
    private readonly int[] _indexes = new int[messages.Count];
    private ulong _firstNumber;
    private int _numberedCount;
    private int _settledPrefix; // How many of the first numbers are settled; a multiple confirm continues there.
    private int _settledCount;
    private bool _isWritten;

    public IReadOnlyList<OutgoingMessage> Messages { get; } = messages;

    /// <summary>Gets whether at least one message has a number.</summary>
    public bool IsOpen => _numberedCount > 0;

    public Task<IReadOnlyList<PublishOutcome>> Done => _done.Task;

    public void Number(ulong tag, int index)
    {
        if (_numberedCount == 0)
            _firstNumber = tag;
        _indexes[_numberedCount++] = index;
    }

    public void Settle(int index, PublishOutcome outcome)
    {
        if (_isSettled[index])
            return;
        _isSettled[index] = true;
        _outcomes[index] = outcome;
        _settledCount++;
        FinishIfDone();
    }

    public void FinishWriting()
    {
        _isWritten = true;
        FinishIfDone();
    }

    /// <summary>Records a confirm; returns true if all messages are settled.</summary>
    public bool Confirm(ulong tag, bool isMultiple, PublishOutcome outcome)
    {
        if (tag < _firstNumber)
            return false;
        var offset = (int)Math.Min(tag - _firstNumber, (ulong)_numberedCount);
        if (isMultiple)
        {
            var end = Math.Min(offset + 1, _numberedCount);
            for (; _settledPrefix < end; _settledPrefix++)
                Settle(_indexes[_settledPrefix], outcome);
        }
        else if (offset < _numberedCount)
        {
            Settle(_indexes[offset], outcome);
        }
        return _isWritten && _settledCount == _outcomes.Length;
    }

    /// <summary>Records that no queue gets a message; returns false if it is not in the batch.</summary>
    public bool Return(string destination, string? id, string type, string reason)
    {
        for (var i = 0; i < _numberedCount; i++)
        {
            var (messageDestination, message, _) = Messages[_indexes[i]];
            if (_isSettled[_indexes[i]]
                || messageDestination != destination
                || message.Type != type
                || (id is not null && message.Id != id))
                continue;
            Settle(_indexes[i], PublishOutcome.Unroutable($"no queue is bound for it ({reason})."));
            return true;
        }
        return false;
    }

    /// <summary>Sets the outcome of all unsettled messages to unconfirmed.</summary>
    public void Break(string problem)
    {
        for (var i = 0; i < _outcomes.Length; i++)
        {
            if (!_isSettled[i])
                (_isSettled[i], _outcomes[i]) = (true, PublishOutcome.Unconfirmed(problem));
        }
        _settledCount = _outcomes.Length;
        _done.TrySetResult(_outcomes);
    }

    private void FinishIfDone()
    {
        if (_isWritten && _settledCount == _outcomes.Length)
            _done.TrySetResult(_outcomes);
    }
}
