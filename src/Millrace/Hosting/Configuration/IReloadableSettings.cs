namespace Millrace.Hosting.Configuration;

/// <summary>Settings of which a change takes effect while the application runs.</summary>
internal interface IReloadableSettings
{
    /// <summary>Returns whether a change of a setting takes effect.</summary>
    bool Contains(string key);

    /// <summary>Reads and validates the present configuration. Returns the action that applies it.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Values are not valid.</exception>
    Action Prepare();
}
