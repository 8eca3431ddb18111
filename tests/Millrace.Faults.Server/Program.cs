using System.Globalization;
using Millrace.Faults;

// A node on PostgreSQL that appends and reads for its clients over HTTP, while eight consumers run. A test kills the
// node, or stops it with SIGTERM. The node also exits when its standard input closes, so that it does not outlive the
// program that started it.
//   usage: Millrace.Faults.Server CONNECTION PORT [INTERVAL]
// If INTERVAL is n, the node acknowledges every nth append without writing it. Tests check that they detect such a
// node.
var wrongAnswerInterval = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0;
await using var node = await ServingNode.Start(
    args[0], int.Parse(args[1], CultureInfo.InvariantCulture), wrongAnswerInterval);
var input = Task.Run(Console.In.ReadToEndAsync); // Blocks its caller.
await Task.WhenAny(input, node.Stopped);
