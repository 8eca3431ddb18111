namespace Millrace.AspNetCore;

/// <summary>Options for the console.</summary>
public sealed class MillraceConsoleOptions
{
    /// <summary>Gets or sets the path of the console; <c>/console</c> by default.</summary>
    public string Path { get; set; } = "/console";

    /// <summary>
    /// Gets or sets the title of the console, such as the name of the application and its environment;
    /// <c>Millrace</c> by default. At most 60 characters.
    /// </summary>
    public string Title { get; set; } = "Millrace";
}
