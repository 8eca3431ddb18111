namespace Millrace.Messaging;

/// <summary>
/// The brokers that an application supports. The configuration selects one of them. Adapters add extension methods,
/// such as <c>AddRabbitMq</c>.
/// </summary>
public sealed class TransportAlternatives
{
    internal TransportAlternatives()
    {
        var broker = new InMemoryBroker();
        Add(InMemoryTransport.Name, _ => new InMemoryTransport(broker));
    }

    /// <summary>The configuration key that selects the broker.</summary>
    internal const string Setting = "Millrace:Messaging:Transport";

    internal Dictionary<string, Func<IServiceProvider, ITransport>> All { get; } = new(StringComparer.Ordinal);

    internal string? Default { get; private set; }

    /// <summary>
    /// Adds a broker. If two have the same name, the last one applies. <c>memory</c>, a broker in the memory of this
    /// process, is always available.
    /// </summary>
    /// <param name="name">The stable name for the configuration, such as <c>rabbitmq</c>.</param>
    /// <param name="create">Creates the transport when the application starts, if the broker is selected. The
    /// application disposes it.</param>
    /// <exception cref="InvalidNameException">The name is not allowed.</exception>
    public TransportAlternatives Add(string name, Func<IServiceProvider, ITransport> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (ConsumerDefinition.NameProblem(PublishProcessor.NameOf(name)) is { } problem)
            throw new InvalidNameException("transport", name, problem);
        All[name] = create;
        return this;
    }

    /// <summary>
    /// Sets the broker that is used if the configuration selects none. Without a default, the configuration must select
    /// one.
    /// </summary>
    public TransportAlternatives UseByDefault(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Default = name;
        return this;
    }
}
