using Millrace.Storage;

namespace Millrace;

/// <summary>How many letters of a consumer are open in each state: written by the consumer, read by whoever
/// measures.</summary>
internal sealed class DeadLetterCounts
{
    private const int States = (int)DeadLetterState.Released + 1;

    private readonly int[] _counts = new int[States];

    /// <summary>How many are open in all.</summary>
    public int All
    {
        get
        {
            var all = 0;
            for (var state = 0; state < States; state++)
                all += Volatile.Read(ref _counts[state]);
            return all;
        }
    }

    public int this[DeadLetterState state] => Volatile.Read(ref _counts[(int)state]);

    public void Add(DeadLetterState state, int count) =>
        Volatile.Write(ref _counts[(int)state], _counts[(int)state] + count);

    public void Clear()
    {
        for (var state = 0; state < States; state++)
            Volatile.Write(ref _counts[state], 0);
    }
}
