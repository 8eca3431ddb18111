using Millrace.Orleans.Activations;

namespace Millrace.Orleans.Calls;

/// <summary>A command that is ready to be sent to the activation of its stream.</summary>
/// <param name="Activation">The activation.</param>
/// <param name="Command">The written command.</param>
internal readonly record struct RoutedCall(IAggregateGrain Activation, byte[] Command);
