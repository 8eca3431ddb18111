namespace Millrace.Protection;

/// <summary>A value to encrypt.</summary>
/// <param name="Start">The index of its first byte.</param>
/// <param name="Length">The number of its bytes.</param>
/// <param name="Path">Its path.</param>
/// <param name="Mark">The mark of its member.</param>
/// <param name="Subject">The data subject; empty for a secret.</param>
internal readonly record struct MarkedValue(int Start, int Length, string Path, ProtectedMember Mark, string Subject)
{
    /// <summary>The subject of a stored value without a subject. It is no name of a subject.</summary>
    public const string NoSubject = "-";

    /// <summary>
    /// Returns whether the value is the value that replaces an erased value, so that it is not encrypted.
    /// </summary>
    public bool IsErased(ReadOnlySpan<byte> json)
    {
        return json.Slice(Start, Length).SequenceEqual(System.Text.Encoding.UTF8.GetBytes(Mark.ErasedJson));
    }
}
