namespace Millrace.Benchmarks.Data;

/// <summary>
/// Commands whose handlers need nothing but the command: one for each <typeparamref name="T"/>, as an application has many.
/// </summary>
internal sealed record AddUp<T>(int Left, int Right) : ICommand<int>
{
    public static int Handle(AddUp<T> command) => command.Left + command.Right;

    public static void Register(ModelBuilder model) =>
        model.Command(new CommandDefinition<AddUp<T>, int>("add-up-" + typeof(T).Name, Handle));
}
