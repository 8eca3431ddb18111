using System.ComponentModel;

namespace Millrace;

/// <summary>Resolves the services that handlers require. Called by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class HandlerServices
{
    /// <summary>Returns a service.</summary>
    /// <param name="services">The service provider.</param>
    /// <param name="message">The command or query that is handled.</param>
    /// <param name="parameter">The parameter that needs the service.</param>
    /// <exception cref="InvalidOperationException">The service is not registered. The message names the handler and the
    /// parameter.</exception>
    public static T Get<T>(IServiceProvider services, string message, string parameter)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.GetService(typeof(T)) is T found
            ? found
            : throw new InvalidOperationException(
                $"The handler of {message} requires {typeof(T).Name} for its parameter '{parameter}', but that "
                + "service is not registered: add it to the application's services, or mark the parameter with '?' "
                + "if it is optional.");
    }
}
