using System.Runtime.CompilerServices;
using FsCheck;

namespace Millrace.Testing;

/// <summary>
/// Commands that a decider is tried with, and rules that hold after each; begun by
/// <see cref="Histories.Of{TState}(Decider{TState}, string?)"/>.
/// </summary>
/// <remarks>
/// Four things always hold, without being said: a command is done or refused, and throws nothing else; replayed from
/// its stored events the state is the same; on it the same is decided; and neither a decision nor an event changes a
/// state in its place. Commands must tell the same story twice: what they need of clocks and chance is an argument.
/// </remarks>
public sealed class DeciderHistories<TState>
    where TState : notnull
{
    private readonly HistoryPropertyTest<TState> _propertyTest;

    internal DeciderHistories(Decider<TState> decider, string? code) =>
        _propertyTest = new HistoryPropertyTest<TState>(new DeciderSubject<TState>(decider, code));

    /// <summary>Says which model events are stored by; by default that of the decider's assembly.</summary>
    public DeciderHistories<TState> WithModel<TModel>()
        where TModel : IModel
    {
        (_propertyTest.Rules.Trip.Named, _propertyTest.Rules.ModelName) = (
            SpecificationModel.Of<TModel>(), CSharpCode.NameOf(typeof(TModel)));
        return this;
    }

    /// <summary>Says what has happened before every history. Called again, it adds to it.</summary>
    public DeciderHistories<TState> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        _propertyTest.Rules.Given.AddRange(events);
        return this;
    }

    /// <summary>Says how commands are made that are not given with a generator. Call it before those.</summary>
    public DeciderHistories<TState> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        _propertyTest.Generators = generators;
        return this;
    }

    /// <summary>Adds a command that the model knows; it is made by its generators.</summary>
    /// <param name="decide">From the command and the state to events: the <c>Decide</c> of the command, for
    /// instance.</param>
    /// <param name="code">How it is decided; filled in by the compiler, for the test that a failure shows.</param>
    public DeciderHistories<TState> Command<TCommand>(
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command(typeof(TCommand).Name, _propertyTest.Generators.Arbitrary<TCommand>(), decide, code);
    }

    /// <summary>Adds a command that the model knows, which leads to one event or none.</summary>
    /// <param name="decide">From the command and the state to an event, or null.</param>
    /// <param name="code">How it is decided; filled in by the compiler, for the test that a failure shows.</param>
    public DeciderHistories<TState> Command<TCommand>(
        Func<TCommand, TState, object?> decide, [CallerArgumentExpression(nameof(decide))] string? code = null)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command<TCommand>((command, state) => Only(decide(command, state)), code);
    }

    /// <summary>Adds a command that a generator makes.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="commands">Makes it, or its arguments. When histories are shortened, simpler ones are looked for
    /// among others that it makes.</param>
    /// <param name="decide">From the command and the state to events.</param>
    /// <param name="code">How it is decided; filled in by the compiler, for the test that a failure shows.</param>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Gen<TCommand> commands,
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(new HistoryCall(name, code), _ => commands, _propertyTest.SimplerOf(commands), decide);
    }

    /// <summary>Adds a command that a generator makes, which leads to one event or none.</summary>
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

    /// <summary>Adds a command that an arbitrary makes, and makes simpler.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="commands">Makes it, or its arguments, and simpler ones when histories are shortened.</param>
    /// <param name="decide">From the command and the state to events.</param>
    /// <param name="code">How it is decided; filled in by the compiler, for the test that a failure shows.</param>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Arbitrary<TCommand> commands,
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(new HistoryCall(name, code), _ => commands.Generator, commands.Shrinker, decide);
    }

    /// <summary>Adds a command that depends on the state as it is: that names one of its lines, for instance.</summary>
    /// <param name="name">What it is called in failures.</param>
    /// <param name="commands">Makes it, or its arguments; when histories are shortened it stays as it was made.</param>
    /// <param name="decide">From the command and the state to events.</param>
    /// <param name="code">How it is decided; filled in by the compiler, for the test that a failure shows.</param>
    public DeciderHistories<TState> Command<TCommand>(
        string name,
        Func<TState, Gen<TCommand>> commands,
        Func<TCommand, TState, IEnumerable<object>> decide,
        [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(new HistoryCall(name, code), commands, static _ => [], decide);
    }

    /// <summary>Adds a command that depends on the state as it is, which leads to one event or none.</summary>
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
    /// <param name="name">What it is called in failures.</param>
    /// <param name="decide">From the state to events.</param>
    /// <param name="code">How it is decided; filled in by the compiler, for the test that a failure shows.</param>
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

    /// <summary>Adds a command without arguments, which leads to one event or none.</summary>
    /// <inheritdoc cref="Command(string, Func{TState, IEnumerable{object}}, string?)"/>
    public DeciderHistories<TState> Command(
        string name, Func<TState, object?> decide, [CallerArgumentExpression(nameof(decide))] string? code = null)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Command(name, state => Only(decide(state)), code);
    }

    /// <summary>Adds a rule that holds after every command, whether it was done or refused.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="holds">Whether it holds; what it throws means that it does not.</param>
    /// <param name="code">The rule as it is written; filled in by the compiler, for the test that a failure
    /// shows.</param>
    public DeciderHistories<TState> Always(
        string rule, Func<TState, bool> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Rules.Always.Add(new(rule, holds, LambdaCode.State(code)));
        return this;
    }

    /// <summary>Adds a rule by assertions, which holds after every command.</summary>
    /// <inheritdoc cref="Always(string, Func{TState, bool}, string?)"/>
    public DeciderHistories<TState> Always(
        string rule, Action<TState> holds, [CallerArgumentExpression(nameof(holds))] string? code = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _propertyTest.Rules.Always.Add(new(rule, Holds, LambdaCode.Assertion(code)));
        return this;

        bool Holds(TState state)
        {
            holds(state);
            return true;
        }
    }

    /// <summary>The histories, for properties of your own; shortened by leaving commands out, and by simpler
    /// arguments.</summary>
    /// <param name="longest">The most commands of one; from 1, 30 by default.</param>
    public Arbitrary<DeciderHistory<TState>> ToArbitrary(int longest = Histories.DefaultMaxLength) =>
        _propertyTest.ToArbitrary(longest, outcome => new DeciderHistory<TState>(outcome), history => history.Outcome);

    /// <summary>Tries the rules on generated histories.</summary>
    /// <param name="runs">How many; from 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure, to see it again; null for a new one.</param>
    /// <param name="longest">The most commands of one; from 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken; shows the shortest history found that breaks it, and
    /// the seed.
    /// </exception>
    public void Check(int runs = 100, string? seed = null, int longest = Histories.DefaultMaxLength) =>
        _propertyTest.Check(runs, seed, longest);

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

    /// <summary>All that was decided, before the first of it is applied: a lazy sequence must not see its own first
    /// events.</summary>
    private static object[] All(IEnumerable<object> decided)
    {
        object[] all = [.. decided];
        foreach (var one in all)
            ArgumentNullException.ThrowIfNull(one, nameof(decided));
        return all;
    }

    private static object[] Only(object? decided) => decided is null ? [] : [decided];
}
