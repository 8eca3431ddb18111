namespace Millrace.Protection;

/// <summary>The names of data subjects, such as <c>customer-42</c>: the type, a dash, and the id.</summary>
internal static class DataSubject
{
    /// <summary>Returns the name of a subject. All texts of a GUID are the same id.</summary>
    public static string Of(string type, string id) =>
        $"{type}-{(Guid.TryParse(id, out var guid) ? guid.ToString() : id)}";

    /// <summary>Returns the name of the subject that a stream belongs to.</summary>
    public static string OfStream(string stream)
    {
        var dash = stream.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? stream : Of(stream[..dash], stream[(dash + 1)..]);
    }
}
