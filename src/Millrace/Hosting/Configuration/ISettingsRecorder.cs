namespace Millrace;

/// <summary>
/// Receives the names of the settings that a component reads. The sections of <see cref="MillraceConfiguration"/>
/// implement it, for adapters.
/// </summary>
public interface ISettingsRecorder
{
    /// <summary>Records that a component reads a setting.</summary>
    /// <param name="key">The key of the setting, such as <c>Millrace:Consumers:Workers</c>.</param>
    /// <param name="codeValue">The value that applies without the configuration; null if there is none.</param>
    void Record(string key, string? codeValue);

    /// <summary>
    /// Leaves problems to the validation of the options, which reports them together with its own ones. They replace
    /// those of an earlier read.
    /// </summary>
    /// <param name="options">The type of the options.</param>
    /// <param name="problems">The problems, each with the key of its setting.</param>
    /// <returns>False if there is no such validation. The caller then throws an exception.</returns>
    bool TryDefer(Type options, IReadOnlyList<string> problems);
}
