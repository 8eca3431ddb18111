using System.Runtime.CompilerServices;
using FsCheck;
using Millrace.Testing.Code;
using Millrace.Testing.HistoryGeneration;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Tests a decider with generated commands and with rules that must be met after each command. Create it with <see
/// cref="Histories.Of{TState}(Decider{TState}, string?)"/>.
/// </summary>
/// <remarks>
/// Four rules always apply. A command succeeds or is refused, and throws no other exception. Replaying the stored
/// events gives the same state. Decisions on the replayed state are the same. Decisions and events never mutate a
/// state. Commands must be deterministic: times and random values are arguments.
/// </remarks>
public sealed class DeciderHistories<TState>
    where TState : notnull
{
    private readonly HistoryPropertyTest<TState> _propertyTest;

    internal DeciderHistories(Decider<TState> decider, string? code) =>
        _propertyTest = new HistoryPropertyTest<TState>(new DeciderSubject<TState>(decider, code));

    /// <summary>Sets the model that stores the events. The default is the model of the decider's assembly.</summary>
    public DeciderHistories<TState> WithModel<TModel>()
        where TModel : IModel
    {
        _propertyTest.Definition.RoundTrip.Named = SpecificationModel.Of<TModel>();
        _propertyTest.Definition.ModelName = CSharpCode.NameOf(typeof(TModel));
        return this;
    }

    /// <summary>Adds events that precede every history. Further calls add more events.</summary>
    public DeciderHistories<TState> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _propertyTest.Definition.Given.AddRange(events);
        return this;
    }

    /// <summary>
    /// Sets the generators for commands without their own generator. Call it before adding those commands.
    /// </summary>
    public DeciderHistories<TState> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        _propertyTest.Generators = generators;
        return this;
    }

    /// <summary>Adds a command whose type is in the model. The model's generators generate it.</summary>
    /// <param name="decide">Returns events for the command and the state, such as the <c>Decide</c> method of the
    /// command.</param>
    /// <param name="code">The code of the decision. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Command<TCommand>(
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command(typeof(TCommand).Name, _propertyTest.Generators.Arbitrary<TCommand>(), decide, code);
    }

    /// <summary>Adds a command whose type is in the model. Its decision returns one event or null.</summary>
    /// <param name="decide">Returns an event or null for the command and the state.</param>
    /// <param name="code">The code of the decision. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Command<TCommand>(
        Func<TCommand, TState, object?> decide, [CallerArgumentExpression(nameof(decide))] string? code = null)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command<TCommand>((command, state) => Only(decide(command, state)), code);
    }

    /// <summary>Adds a command that comes from a generator.</summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="commands">Generates the command or its arguments. Shrinking searches for simpler ones among further
    /// generated values.</param>
    /// <param name="decide">Returns events for the command and the state.</param>
    /// <param name="code">The code of the decision. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Gen<TCommand> commands,
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(new HistoryCall(name, code), _ => commands, _propertyTest.SimplerOf(commands), decide);
    }

    /// <summary>Adds a command from a generator. Its decision returns one event or null.</summary>
    /// <inheritdoc cref="Command{TCommand}(string, Gen{TCommand}, Func{TCommand, TState, IEnumerable{object}}, string?)"/>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Gen<TCommand> commands,
        Func<TCommand, TState, object?> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command(name, commands, (command, state) => Only(decide(command, state)), code);
    }

    /// <summary>Adds a command that comes from an arbitrary, which also shrinks it.</summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="commands">Generates and shrinks the command or its arguments.</param>
    /// <param name="decide">Returns events for the command and the state.</param>
    /// <param name="code">The code of the decision. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Arbitrary<TCommand> commands,
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(new HistoryCall(name, code), _ => commands.Generator, commands.Shrinker, decide);
    }

    /// <summary>
    /// Adds a command that depends on the current state, such as a command that names an order line.
    /// </summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="commands">Generates the command or its arguments, which are not shrunk.</param>
    /// <param name="decide">Returns events for the command and the state.</param>
    /// <param name="code">The code of the decision. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Func<TState, Gen<TCommand>> commands,
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(new HistoryCall(name, code), commands, static _ => [], decide);
    }

    /// <summary>Adds a command that depends on the current state. Its decision returns one event or null.</summary>
    /// <inheritdoc cref="Command{TCommand}(string, Func{TState, Gen{TCommand}}, Func{TCommand, TState, IEnumerable{object}}, string?)"/>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Func<TState, Gen<TCommand>> commands,
        Func<TCommand, TState, object?> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command(name, commands, (command, state) => Only(decide(command, state)), code);
    }

    /// <summary>Adds a command without arguments.</summary>
    /// <param name="name">The name of the command in failures.</param>
    /// <param name="decide">Returns events for the state.</param>
    /// <param name="code">The code of the decision. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Command(
        string name,
        Func<TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(decide);
        _propertyTest.Add(new HistoryCall(name, code), state => All(decide(state)));
        return this;
    }

    /// <summary>Adds a command without arguments. Its decision returns one event or null.</summary>
    /// <inheritdoc cref="Command(string, Func{TState, IEnumerable{object}}, string?)"/>
    public DeciderHistories<TState> Command(
        string name, Func<TState, object?> decide, [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command(name, state => Only(decide(state)), code);
    }

    /// <summary>Adds a rule that must hold after every command, including refused ones.</summary>
    /// <param name="rule">The name of the rule.</param>
    /// <param name="holds">Returns true if the rule is met. An exception means that it is not.</param>
    /// <param name="code">The code of the rule. The compiler sets it; failures show it as a test.</param>
    public DeciderHistories<TState> Always(
        string rule, Func<TState, bool> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Definition.Always.Add(new(rule, holds, LambdaCode.StateExpectation(code)));
        return this;
    }

    /// <summary>Adds a rule with assertions that must hold after every command.</summary>
    /// <inheritdoc cref="Always(string, Func{TState, bool}, string?)"/>
    public DeciderHistories<TState> Always(
        string rule, Action<TState> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Definition.Always.Add(new(rule, Holds, LambdaCode.AssertionExpectation(code)));
        return this;

        bool Holds(TState state)
        {
            holds(state);
            return true;
        }
    }

    /// <summary>
    /// Returns the histories for your own properties. Shrinking removes commands and simplifies arguments.
    /// </summary>
    /// <param name="maxLength">The maximum number of commands in a history; at least 1, 30 by default.</param>
    public Arbitrary<DeciderHistory<TState>> ToArbitrary(int maxLength = Histories.DefaultMaxLength) =>
        _propertyTest.ToArbitrary(
            maxLength, outcome => new DeciderHistory<TState>(outcome), history => history.Outcome);

    /// <summary>Checks the rules on generated histories.</summary>
    /// <param name="runs">The number of histories; at least 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure to reproduce; null for a new seed.</param>
    /// <param name="maxLength">The maximum number of commands in a history; at least 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken. The message contains the seed and the shortest
    /// history found that breaks the rule.</exception>
    public void Check(int runs = 100, string? seed = null, int maxLength = Histories.DefaultMaxLength) =>
        _propertyTest.Check(runs, seed, maxLength);

    private DeciderHistories<TState> Add<TCommand>(
        HistoryCall call,
        Func<TState, Gen<TCommand>> commands,
        Func<TCommand, IEnumerable<TCommand>> simpler,
        Func<TCommand, TState, IEnumerable<object>> decide)
    {
        ArgumentException.ThrowIfNullOrEmpty(call.Name);
        ArgumentNullException.ThrowIfNull(decide);
        _propertyTest.Add(call, commands, simpler, (state, command) => All(decide(command, state)));
        return this;
    }

    /// <summary>
    /// Enumerates the decided events before the first is applied: a lazy sequence must not see its own effects.
    /// </summary>
    private static object[] All(IEnumerable<object> decided)
    {
        object[] all = [.. decided];
        foreach (var one in all)
            ArgumentNullException.ThrowIfNull(one, nameof(decided));
        return all;
    }

    private static object[] Only(object? decided) => decided is null ? [] : [decided];
}
