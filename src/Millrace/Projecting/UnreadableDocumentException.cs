namespace Millrace;

/// <summary>
/// Thrown when a stored document of a read model cannot be read as the document's class. Usually the class was changed
/// after the document was written, and the version of the projection was not increased.
/// </summary>
/// <remarks>
/// The exception is not transient. Increase the version of the projection, so that the read model is built again from
/// the events.
/// </remarks>
/// <param name="projection">The name of the projection.</param>
/// <param name="version">The version of the projection.</param>
/// <param name="document">The type of the documents.</param>
/// <param name="innerException">The error of the JSON serializer.</param>
public sealed class UnreadableDocumentException(
    string projection, int version, Type document, Exception? innerException = null)
    : MillraceException(
        $"A stored document of version {version} of the read model '{projection}' cannot be read as {document.Name}: "
            + $"{innerException?.Message.TrimEnd('.') ?? "it is the JSON value null"}. If {document.Name} was changed "
            + "after the document was written, increase the version: "
            + $"[Projection(\"{projection}\", Version = {version + 1})]. "
            + "The read model is then built again from the events.",
        innerException)
{
    /// <summary>Gets the name of the projection.</summary>
    public string Projection { get; } = projection;

    /// <summary>Gets the version of the projection.</summary>
    public int Version { get; } = version;

    /// <summary>Gets the type of the documents.</summary>
    public Type DocumentType { get; } = document;
}
