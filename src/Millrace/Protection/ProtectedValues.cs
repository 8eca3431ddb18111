namespace Millrace;

/// <summary>Hides the values of marked members from the reads of a request.</summary>
public static class ProtectedValues
{
    private static readonly AsyncLocal<Concealment?> Current = new();

    /// <summary>Gets whether the current asynchronous flow reads no value of a marked member.</summary>
    internal static bool AreConcealed => Current.Value is { IsActive: true };

    /// <summary>
    /// Returns an object until whose disposal the current asynchronous flow reads the value after erasure instead of
    /// each value of a marked member: in events, documents, dead letters, processes and timers, and therefore also in
    /// states and explanations that are computed from them. Values that were stored before the mark are hidden too, if
    /// their path in the stored JSON is marked today. So mark the old path of a member that an upcaster renames as
    /// well (<see cref="ModelBuilder.Protect"/>). Use it only for reads. A write would store these values, and states
    /// in memory that were read before are not affected.
    /// </summary>
    public static IDisposable Conceal()
    {
        var concealment = new Concealment(Current.Value);
        Current.Value = concealment;
        return concealment;
    }

    private sealed class Concealment(Concealment? outer) : IDisposable
    {
        private volatile bool _isDisposed;

        // A task that was started meanwhile keeps the value after the disposal.
        public bool IsActive => !_isDisposed || outer is { IsActive: true };

        public void Dispose()
        {
            _isDisposed = true;
            if (ReferenceEquals(Current.Value, this))
                Current.Value = outer;
        }
    }
}
