using Millrace.Messaging;

namespace Millrace.RabbitMq;

/// <summary>Messages of one call, and what is known of each. Everything happens under the line's lock, but for
/// waiting.</summary>
internal sealed class PublishBatch(IReadOnlyList<OutgoingMessage> messages)
{
    private readonly TaskCompletionSource<IReadOnlyList<PublishOutcome>> _done = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PublishOutcome[] _outcomes = new PublishOutcome[messages.Count];
    private readonly bool[] _isSettled = new bool[messages.Count];
    private readonly int[] _indexes = new int[messages.Count]; // By the number of the message, from the first on.
    private ulong _first;
    private int _numbered;
    private int _confirmedThrough; // So many of the first are settled: a confirm of several begins behind them.
    private int _settled;
    private bool _isWritten;

    public IReadOnlyList<OutgoingMessage> Messages { get; } = messages;

    /// <summary>Whether any of it was given a number.</summary>
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
        (_isSettled[index], _outcomes[index]) = (true, outcome);
        _settled++;
        FinishIfDone();
    }

    public void FinishWriting()
    {
        _isWritten = true;
        FinishIfDone();
    }

    /// <summary>True when nothing of it is open any more.</summary>
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

    /// <summary>Notes that a message reaches nobody; false when it is none of these.</summary>
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

    /// <summary>What is not known will not be known.</summary>
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
