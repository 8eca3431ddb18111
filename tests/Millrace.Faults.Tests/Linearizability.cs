namespace Millrace.Faults.Tests;

/// <summary>
/// Checks whether a history is linearizable: whether each operation can have happened at one moment between its start
/// and its end. Streams are independent, so each is checked separately.
/// </summary>
/// <remarks>
/// The search of Wing and Gong with the memory of Lowe: operations are taken in the order of their starts, as long as
/// no untaken operation has ended. When that fails, the last one is put back, and the tried combination is not tried
/// again. An append without an answer has happened if a read saw its events, and is left out otherwise. So a history
/// with such an append must end with a read of its stream that started after everything else.
/// </remarks>
internal static class Linearizability
{
    /// <summary>Returns the problems by stream; empty when the history is linearizable.</summary>
    public static List<string> Problems(IEnumerable<Operation> history)
    {
        var problems = new List<string>();
        foreach (var stream in history.GroupBy(operation => operation.Stream, StringComparer.Ordinal))
        {
            if (ProblemOf([.. stream]) is { } problem)
                problems.Add($"Stream {stream.Key} is not linearizable: {problem}");
        }
        return problems;
    }

    private static string? ProblemOf(Operation[] stream)
    {
        var seen = stream
            .Where(one => one.Kind == OperationKind.Read && one.Answer == AnswerKind.Done)
            .SelectMany(read => read.Ids)
            .ToHashSet();
        var happened = stream
            .Where(one =>
                one.Answer is AnswerKind.Done or AnswerKind.Conflict
                || (one is { Kind: OperationKind.Append, Answer: AnswerKind.Nothing } && seen.Contains(one.Ids[0])))
            .ToArray();
        return new Search(happened).Run();
    }

    /// <summary>The search through the history of one stream.</summary>
    private sealed class Search
    {
        private readonly Operation[] _operations;
        private readonly Step _head = new(-1, isCall: false);
        private readonly HashSet<Taken> _tried = [];
        private readonly Stack<(Step Call, StreamState Before)> _taken = new();
        private readonly ulong[] _isTaken;
        private StreamState _state = StreamState.Empty();

        public Search(Operation[] operations)
        {
            _operations = operations;
            _isTaken = new ulong[(operations.Length + 63) / 64];
            var calls = Enumerable
                .Range(0, operations.Length)
                .Select(number => new Step(number, isCall: true))
                .ToArray();
            var returns = calls.Select(call => call.Return = new Step(call.Number, isCall: false)).ToArray();
            var last = _head;
            foreach (var step in calls.Concat(returns).OrderBy(TimeOf).ThenBy(step => step.IsCall ? 0 : 1))
            {
                (last.Next, step.Before) = (step, last);
                last = step;
            }
        }

        /// <summary>Returns the problem; null when the history is linearizable.</summary>
        public string? Run()
        {
            var (deepest, stuck) = (-1, "");
            for (var step = _head.Next; step is not null;)
            {
                if (step.IsCall)
                {
                    step = Take(step) ? _head.Next : step.Next;
                    continue;
                }
                if (_taken.Count > deepest)
                    (deepest, stuck) = (_taken.Count, Stuck(step));
                if (_taken.Count == 0)
                    return stuck;
                step = PutBack();
            }
            return null;
        }

        private long TimeOf(Step step) => step.IsCall ? _operations[step.Number].Began : _operations[step.Number].Ended;

        private bool Take(Step call)
        {
            if (_state.Apply(_operations[call.Number], call.Number) is not { } next)
                return false;
            _isTaken[call.Number / 64] ^= 1UL << (call.Number % 64);
            if (!_tried.Add(new Taken([.. _isTaken], next)))
            {
                _isTaken[call.Number / 64] ^= 1UL << (call.Number % 64);
                return false;
            }
            _taken.Push((call, _state));
            _state = next;
            call.Lift();
            return true;
        }

        private Step? PutBack()
        {
            var (call, before) = _taken.Pop();
            _state = before;
            _isTaken[call.Number / 64] ^= 1UL << (call.Number % 64);
            call.Unlift();
            return call.Next;
        }

        private string Stuck(Step ended)
        {
            var open = new List<string>();
            for (var step = _head.Next; step is not null && step != ended; step = step.Next)
            {
                if (step.IsCall)
                    open.Add(_operations[step.Number].ToString());
            }
            return $"after {_taken.Count} of {_operations.Length} operations, at version {_state.Version}, none of "
                + $"these can be next: "
                + string.Join("; ", open);
        }
    }

    /// <summary>The start or the end of an operation, in the order of time.</summary>
    private sealed class Step(int number, bool isCall)
    {
        public int Number { get; } = number;

        public bool IsCall { get; } = isCall;

        public Step? Before { get; set; }

        public Step? Next { get; set; }

        /// <summary>The end that belongs to a start.</summary>
        public Step? Return { get; set; }

        /// <summary>Removes a start and its end.</summary>
        public void Lift()
        {
            Out();
            Return!.Out(); // A start has one.
        }

        /// <summary>Puts them back.</summary>
        public void Unlift()
        {
            Return!.In(); // A start has one.
            In();
        }

        private void Out()
        {
            Before!.Next = Next; // The head is never removed.
            if (Next is not null)
                Next.Before = Before;
        }

        private void In()
        {
            Before!.Next = this; // The head is never removed.
            if (Next is not null)
                Next.Before = this;
        }
    }

    /// <summary>The taken operations, and the resulting state.</summary>
    private sealed class Taken(ulong[] operations, StreamState state) : IEquatable<Taken>
    {
        private readonly ulong[] _operations = operations;
        private readonly StreamState _state = state;

        public bool Equals(Taken? other) =>
            other is not null
            && ReferenceEquals(other._state, _state)
            && _operations.AsSpan().SequenceEqual(other._operations);

        public override bool Equals(object? obj) => Equals(obj as Taken);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var word in _operations)
                hash.Add(word);
            hash.Add(_state.Hash);
            return hash.ToHashCode();
        }
    }
}
