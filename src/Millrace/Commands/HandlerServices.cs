using System.ComponentModel;

namespace Millrace;

/// <summary>Gives handlers the services that they ask for. Generated code calls it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class HandlerServices
{
    /// <summary>A service.</summary>
    /// <param name="services">Where it is.</param>
    /// <param name="message">The command or query that is handled.</param>
    /// <param name="parameter">The parameter that it is for.</param>
    /// <exception cref="InvalidOperationException">It is not registered; names handler and parameter.</exception>
    public static T Get<T>(IServiceProvider services, string message, string parameter)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.GetService(typeof(T)) is T found
            ? found
            : throw new InvalidOperationException(
                $"The handler of {message} asks for {typeof(T).Name} by its parameter '{parameter}', but that is not "
                    + $"registered: add it to "
                + "the application's services, or mark the parameter with '?' if it can do without.");
    }
}
