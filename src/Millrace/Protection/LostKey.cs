namespace Millrace;

/// <summary>A data key that was declared lost: its values are erased for readers.</summary>
/// <param name="KeyId">The id of the data key.</param>
/// <param name="Reason">The reason.</param>
/// <param name="By">The person who declared it.</param>
/// <param name="FirstPosition">The position of the first event with a value of the key.</param>
public sealed record LostKey(string KeyId, string Reason, string By, long FirstPosition);
