namespace Millrace.Hosting.Configuration;

/// <summary>Options that are read from the configuration, and validated when the host starts.</summary>
internal interface ISettingsGroup
{
    /// <summary>Gets the type of the options.</summary>
    Type Options { get; }

    /// <summary>Reads and validates the present configuration.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Values are not valid.</exception>
    void Validate();

    /// <summary>
    /// Reads the configuration over options that no code has set, so that their defaults are recorded.
    /// </summary>
    void ReadDefaults();
}
