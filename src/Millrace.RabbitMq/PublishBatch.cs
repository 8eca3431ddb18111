using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>
/// The messages of one call, and their outcomes so far. All calls except waiting are made under the channel's lock.
/// </summary>
internal sealed class PublishBatch(IReadOnlyList<OutgoingMessage> messages)
{
    private readonly TaskCompletionSource<IReadOnlyList<PublishOutcome>> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PublishOutcome[] _outcomes = new PublishOutcome[messages.Count];
    private readonly bool[] _isSettled = new bool[messages.Count];
    // By the number of the message, relative to the first one.
    private readonly int[] _indexes = new int[messages.Count];
    private ulong _first;
    private int _numbered;
    private int _confirmedThrough; // The first ones that are settled: a multiple confirm starts after them.
    private int _settled;
    private bool _isWritten;

    public IReadOnlyList<OutgoingMessage> Messages { get; } = messages;

    /// <summary>Gets whether at least one message has a number.</summary>
    public bool IsOpen => _numbered > 0;

    public Task<IReadOnlyList<PublishOutcome>> Done => _done.Task;

    public void Number(ulong tag, int index)
    {
        if (_numbered == 0)
            _first = tag;
        _indexes[_numbered++] = index;
    }

    public void Settle(int index, PublishOutcome outcome)
    {
        if (_isSettled[index])
            return;
        _isSettled[index] = true;
        _outcomes[index] = outcome;
        _settled++;
        FinishIfDone();
    }

    public void FinishWriting()
    {
        _isWritten = true;
        FinishIfDone();
    }

    /// <summary>Records a confirm; returns true if no message is open any more.</summary>
    public bool Confirm(ulong tag, bool isMultiple, PublishOutcome outcome)
    {
        if (tag < _first)
            return false;
        var place = (int)Math.Min(tag - _first, (ulong)_numbered);
        if (isMultiple)
        {
            var end = Math.Min(place + 1, _numbered);
            for (; _confirmedThrough < end; _confirmedThrough++)
                Settle(_indexes[_confirmedThrough], outcome);
        }
        else if (place < _numbered)
        {
            Settle(_indexes[place], outcome);
        }
        return _isWritten && _settled == _outcomes.Length;
    }

    /// <summary>Records that a message reaches no receiver; returns false if the batch does not have it.</summary>
    public bool Return(string destination, string? id, string type, string reason)
    {
        for (var i = 0; i < _numbered; i++)
        {
            var (own, message, _) = Messages[_indexes[i]];
            if (_isSettled[_indexes[i]]
                || own != destination
                || message.Type != type
                || (id is not null && message.Id != id))
                continue;
            Settle(_indexes[i], PublishOutcome.Unroutable($"no queue is bound for it ({reason})."));
            return true;
        }
        return false;
    }

    /// <summary>Sets the outcome of the remaining messages to unconfirmed.</summary>
    public void Break(string problem)
    {
        for (var i = 0; i < _outcomes.Length; i++)
        {
            if (!_isSettled[i])
                (_isSettled[i], _outcomes[i]) = (true, PublishOutcome.Unconfirmed(problem));
        }
        _settled = _outcomes.Length;
        _done.TrySetResult(_outcomes);
    }

    private void FinishIfDone()
    {
        if (_isWritten && _settled == _outcomes.Length)
            _done.TrySetResult(_outcomes);
    }
}
