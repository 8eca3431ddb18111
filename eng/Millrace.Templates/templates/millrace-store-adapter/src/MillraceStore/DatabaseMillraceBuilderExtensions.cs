using Microsoft.Extensions.DependencyInjection;

namespace Store1Space;

/// <summary>Adds a store in a file.</summary>
public static class DatabaseMillraceBuilderExtensions
{
    /// <summary>Stores the events in a file.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file, which is created if it does not exist.</param>
    public static MillraceBuilder UseDatabase(this MillraceBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStorage(provider => new DatabaseStorage(path, provider.GetRequiredService<TimeProvider>()));
    }
}
