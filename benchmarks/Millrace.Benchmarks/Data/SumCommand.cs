namespace Millrace.Benchmarks.Data;

/// <summary>
/// A command for a plain handler. Each <typeparamref name="T"/> is a separate command type, because an application has
/// many.
/// </summary>
internal sealed record SumCommand<T>(int Left, int Right) : ICommand<int>
{
    public static int Handle(SumCommand<T> command) => command.Left + command.Right;

    public static void Register(ModelBuilder model) =>
        model.Command(new CommandDefinition<SumCommand<T>, int>("add-up-" + typeof(T).Name, Handle));
}
