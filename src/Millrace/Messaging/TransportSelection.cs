namespace Millrace.Messaging;

/// <summary>
/// Defines the messages of an application for several brokers. The configuration selects one of these alternatives when
/// the application starts.
/// </summary>
internal sealed class TransportSelection
{
    private readonly Dictionary<
        string,
        (TransportBuilder Transport, Func<IServiceProvider, ITransport> Create)
    > _byName = new(StringComparer.Ordinal);

    private readonly List<Action<TransportBuilder>> _configurations = [];
    private string? _default;

    public IEnumerable<TransportBuilder> All => _byName.Values.Select(one => one.Transport);

    /// <summary>
    /// Adds alternatives, and defines their messages. Earlier definitions apply to new alternatives as well.
    /// </summary>
    public void Add(TransportAlternatives choices, Action<TransportBuilder> configure)
    {
        foreach (var (name, create) in choices.All)
        {
            if (_byName.TryGetValue(name, out var known))
            {
                _byName[name] = (known.Transport, create);
                continue;
            }
            var transport = new TransportBuilder(name);
            _configurations.ForEach(configureEarlier => configureEarlier(transport));
            _byName[name] = (transport, create);
        }
        foreach (var transport in All)
            configure(transport);
        _configurations.Add(configure);
        _default = choices.Default ?? _default;
    }

    /// <summary>Returns the selected alternative.</summary>
    /// <exception cref="UnknownTransportException">The configuration selects no alternative, or an unknown
    /// one.</exception>
    public (TransportBuilder Transport, Func<IServiceProvider, ITransport> Create) Choose(string? name)
    {
        var chosen = string.IsNullOrWhiteSpace(name) ? _default : name.Trim();
        return chosen is not null && _byName.TryGetValue(chosen, out var found)
            ? found
            : throw new UnknownTransportException(chosen, [.. _byName.Keys.Order(StringComparer.Ordinal)]);
    }
}
