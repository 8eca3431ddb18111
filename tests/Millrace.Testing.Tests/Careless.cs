using Millrace;

namespace Bakery;

/// <summary>A process whose definition fails for some orders.</summary>
public sealed class Careless : Process<string>
{
    protected override void Define(ProcessBuilder<string> process) =>
        process
            .StartOn<CakeOrdered>(ordered =>
                throw new InvalidOperationException($"Nobody knows which cake {ordered.Cake} is."))
            .Step("bake", cake => new BakeCake(cake));
}
