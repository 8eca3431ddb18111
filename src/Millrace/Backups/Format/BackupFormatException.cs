namespace Millrace.Backups.Format;

/// <summary>Thrown when the bytes of an object are not as written. The reader of the object adds its name.</summary>
internal sealed class BackupFormatException(string problem, Exception? innerException = null)
    : Exception(problem, innerException);
