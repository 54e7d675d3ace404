await Samples.WebClient.WebClientHost.Build(args).RunAsync();
