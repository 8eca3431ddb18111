using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// The number of a consumer's open dead letters in each state. The consumer writes the numbers, and metrics read them.
/// </summary>
internal sealed class DeadLetterCounts
{
    private const int States = (int)DeadLetterState.Released + 1;

    private readonly int[] _counts = new int[States];

    /// <summary>Gets the total number of open dead letters.</summary>
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
