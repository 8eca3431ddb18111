namespace Millrace.Faults.Tests;

/// <summary>
/// Checks whether a history is linearizable. In a linearizable history, each operation can have happened at one moment
/// between its start and its end. Streams are independent, so the class checks each stream separately.
/// </summary>
/// <remarks>
/// The class uses the algorithm of Wing and Gong with the cache of Lowe. The search picks operations in the order of
/// their starts, as long as no remaining operation has ended. If the search is stuck, it puts the last operation back,
/// and does not try the same combination again. The class includes an append without an answer only if a read saw its
/// events. Therefore, a history with such an append must end with a read of its stream that starts after all others.
/// </remarks>
internal static class Linearizability
{
    /// <summary>Returns the problem of each stream, or an empty list if the history is linearizable.</summary>
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
            .Where(operation => operation.Kind == OperationKind.Read && operation.Answer == AnswerKind.Done)
            .SelectMany(read => read.Ids)
            .ToHashSet();
        var happened = stream
            .Where(operation =>
                operation.Answer is AnswerKind.Done or AnswerKind.Conflict
                || (operation is { Kind: OperationKind.Append, Answer: AnswerKind.Nothing }
                    && seen.Contains(operation.Ids[0])))
            .ToArray();
        return new Search(happened).Run();
    }

    /// <summary>Searches for a valid order of the operations of one stream.</summary>
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

        /// <summary>Returns the problem, or null if the history is linearizable.</summary>
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
                    (deepest, stuck) = (_taken.Count, DescribeProblem(step));
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
            call.Remove();
            return true;
        }

        private Step? PutBack()
        {
            var (call, before) = _taken.Pop();
            _state = before;
            _isTaken[call.Number / 64] ^= 1UL << (call.Number % 64);
            call.Restore();
            return call.Next;
        }

        private string DescribeProblem(Step ended)
        {
            var open = new List<string>();
            for (var step = _head.Next; step is not null && step != ended; step = step.Next)
            {
                if (step.IsCall)
                    open.Add(_operations[step.Number].ToString());
            }
            return $"after {_taken.Count} of {_operations.Length} operations, at version {_state.Version}, "
                + $"none of these can be next: "
                + string.Join("; ", open);
        }
    }

    /// <summary>The start or the end of an operation, in a list in the order of time.</summary>
    private sealed class Step(int number, bool isCall)
    {
        public int Number { get; } = number;

        public bool IsCall { get; } = isCall;

        public Step? Before { get; set; }

        public Step? Next { get; set; }

        /// <summary>Gets or sets the step that ends the operation of this start.</summary>
        public Step? Return { get; set; }

        /// <summary>Removes a start and its end from the list.</summary>
        public void Remove()
        {
            Unlink();
            Return!.Unlink(); // A start always has an end.
        }

        /// <summary>Puts the start and its end back into the list.</summary>
        public void Restore()
        {
            Return!.Link(); // A start always has an end.
            Link();
        }

        private void Unlink()
        {
            Before!.Next = Next; // The search never removes the head.
            if (Next is not null)
                Next.Before = Before;
        }

        private void Link()
        {
            Before!.Next = this; // The search never removes the head.
            if (Next is not null)
                Next.Before = this;
        }
    }

    /// <summary>The operations that the search has picked, and the resulting state.</summary>
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
