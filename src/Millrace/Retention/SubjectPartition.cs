namespace Millrace.Retention;

/// <summary>
/// A part of all data subjects, by the last bits of the hash of their names. The default value contains all subjects.
/// </summary>
/// <param name="Bits">The number of bits.</param>
/// <param name="Value">The value of these bits.</param>
internal readonly record struct SubjectPartition(int Bits, uint Value)
{
    private const int MaxBits = 30;

    public bool CanSplit => Bits < MaxBits;

    public bool Contains(string subject) => ((uint)NameSet.HashOf(subject) & ((1u << Bits) - 1)) == Value;

    /// <summary>Returns two parts, each with about half of the subjects.</summary>
    public (SubjectPartition First, SubjectPartition Second) Split() =>
        (new(Bits + 1, Value), new(Bits + 1, Value | (1u << Bits)));
}
