namespace Millrace.Storage.Archives;

/// <summary>
/// Thrown when a store with archived events is opened or read by an application without the archive.
/// </summary>
public sealed class ArchiveRequiredException : MillraceException
{
    /// <summary>Creates an error.</summary>
    /// <param name="store">The display name of the store.</param>
    /// <param name="place">The place of the archive.</param>
    public ArchiveRequiredException(string store, string place)
        : base($"{store} has archived events in {place}. Add UseArchive with this place to the application, or restore "
            + "the events with: millrace archive restore") => Place = place;

    /// <summary>Gets the place of the archive.</summary>
    public string Place { get; }
}
