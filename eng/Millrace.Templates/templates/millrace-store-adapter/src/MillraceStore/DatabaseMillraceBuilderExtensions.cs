using Microsoft.Extensions.DependencyInjection;

namespace Store1Space;

/// <summary>Keeps an application's store in a file.</summary>
public static class DatabaseMillraceBuilderExtensions
{
    /// <summary>Keeps the events in a file.</summary>
    /// <param name="builder">What is built.</param>
    /// <param name="path">Where the file is; it is begun if it is not there.</param>
    public static MillraceBuilder UseDatabase(this MillraceBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStorage(provider => new DatabaseStorage(path, provider.GetRequiredService<TimeProvider>()));
    }
}
