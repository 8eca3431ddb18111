using Microsoft.Extensions.DependencyInjection;
using Millrace;

namespace Store1Space;

/// <summary>Keeps an application's store in the database.</summary>
public static class DatabaseMillraceBuilderExtensions
{
    /// <summary>Keeps the events in the database.</summary>
    public static MillraceBuilder UseDatabase(this MillraceBuilder builder, string connection)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseStorage(provider => new DatabaseStorage(connection, provider.GetRequiredService<TimeProvider>()));
    }
}
