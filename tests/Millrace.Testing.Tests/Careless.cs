using Millrace;

namespace Bakery;

/// <summary>A process whose author did not think of every order.</summary>
public sealed class Careless : Process<string>
{
    protected override void Define(ProcessBuilder<string> process) =>
        process
            .StartOn<CakeOrdered>(ordered =>
                throw new InvalidOperationException($"Nobody knows which cake {ordered.Cake} is."))
            .Step("bake", cake => new BakeCake(cake));
}
