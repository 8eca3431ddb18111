namespace Millrace.Generators.Marks;

/// <summary>Writes JSON pointers (RFC 6901) and JSON texts.</summary>
internal static class JsonPointer
{
    /// <summary>Returns the segment of a pointer for the name of a member.</summary>
    public static string Segment(string name) => name.Replace("~", "~0").Replace("/", "~1");
}
