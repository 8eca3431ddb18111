namespace Millrace;

/// <summary>An object of a backup that cannot be read.</summary>
/// <param name="Name">The name of the object.</param>
/// <param name="Problem">What is wrong with it, and where it is.</param>
public sealed record DamagedObject(string Name, string Problem);
